from odr.archive import inclusion, verify
from odr.archive.bagcheck import check_bag
from tests.archive.forging import put


def looked_at(folder, change=lambda rows: rows):
    opened, _ = check_bag(folder)
    return [
        (one.ok, one.text.split(" / ")[1])
        for one in inclusion.check(opened, change(verify.audit_rows(opened)))
    ]


def test_a_bag_carries_its_checkpoint_and_the_proof_of_every_row(archive):
    archive.work()
    count = len(verify.audit_rows(check_bag(archive.kept)[0]))
    ((ok, words),) = looked_at(archive.kept)
    assert ok
    assert words.startswith(f"all {count} rows are in the log of ")


def test_a_row_that_was_never_in_the_log_is_named(archive):
    archive.work()

    def forged(rows):
        return [rows[0] | {"h": "1" * 64}, *rows[1:]]

    assert looked_at(archive.kept, forged)[0][0] is False
    assert looked_at(archive.kept, lambda rows: [rows[0] | {"seq": 99}])[0][0] is False
    assert looked_at(archive.kept, lambda rows: [rows[0] | {"h": "no hash"}])[0][0] is False


def test_a_checkpoint_or_a_proof_that_is_none_is_named(archive):
    archive.work()
    for name in (inclusion.PROOF, inclusion.NOTE, inclusion.KEY):
        (archive.kept / name).parent.chmod(0o700)
        put(archive.kept / name, b"[")
        assert looked_at(archive.kept)[0][0] is False
