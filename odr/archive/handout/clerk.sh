#!/bin/sh
# 核对本移交包，只需要 sha256sum 和 openssl。Checks this bag with nothing but sha256sum and openssl.
# 用法 usage: sh verify/clerk.sh [根证书的 SHA-256 指纹 fingerprint of the root certificate]
set -u
cd "$(dirname "$0")/.." || exit 2
LC_ALL=C
export LC_ALL
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
bad=0

report() { # $1: 0 or not; $2: what was checked
    if [ "$1" -eq 0 ]; then
        printf '一致 OK   %s\n' "$2"
    else
        printf '不符 BAD  %s\n' "$2"
        bad=1
    fi
}

sha256sum --quiet --strict -c tagmanifest-sha256.txt 2>&1
report $? "tagmanifest-sha256.txt"
sha256sum --quiet --strict -c manifest-sha256.txt 2>&1
report $? "manifest-sha256.txt"

{
    cut -c 67- manifest-sha256.txt tagmanifest-sha256.txt
    printf '%s\n' tagmanifest-sha256.txt tagmanifest-sha256.txt.p7s tagmanifest-sha256.txt.p7s.tsr
    [ ! -f verify/tsa-roots.pem ] || printf '%s\n' tagmanifest-sha256.txt.p7s.tsa.tsr
    [ ! -f verify/sm2-public.pem ] || printf '%s\n' tagmanifest-sha256.txt.sm2sig
} | sort >"$scratch/listed"
find . ! -type d | cut -c 3- | sort >"$scratch/present"
comm -3 "$scratch/listed" "$scratch/present" >"$scratch/differ"
sed 's/^/多出或缺少 extra or missing: /' "$scratch/differ"
test ! -s "$scratch/differ"
report $? "$(wc -l <"$scratch/present") 个文件 files"
find . ! -type d ! -type f | grep . && report 1 "链接或特殊文件 links or special files"

openssl cms -verify -binary -inform DER -in tagmanifest-sha256.txt.p7s -purpose any \
    -content tagmanifest-sha256.txt -CAfile verify/root.pem -out "$scratch/out" 2>"$scratch/why"
report $? "签名 signature tagmanifest-sha256.txt.p7s"
openssl ts -verify -token_in -in tagmanifest-sha256.txt.p7s.tsr \
    -data tagmanifest-sha256.txt.p7s -CAfile verify/root.pem >"$scratch/out" 2>"$scratch/why"
report $? "时间戳 time stamp tagmanifest-sha256.txt.p7s.tsr"

if [ -f verify/tsa-roots.pem ]; then
    openssl ts -verify -token_in -in tagmanifest-sha256.txt.p7s.tsa.tsr \
        -data tagmanifest-sha256.txt.p7s -CAfile verify/tsa-roots.pem >"$scratch/out" 2>"$scratch/why"
    report $? "外部时间戳 time stamp of an outside authority"
fi
if [ -f verify/sm2-public.pem ]; then
    counter='SM2/SM3 counter-signature, no claim of GM/T compliance 副署，不表示符合 GM/T'
    case "$(openssl version)" in
    'OpenSSL 1.'* | 'OpenSSL 0.'* | Libre*) printf '未核对 NOT CHECKED (openssl 3)  %s\n' "$counter" ;;
    *)
        openssl pkeyutl -verify -rawin -digest sm3 -pkeyopt distid:1234567812345678 -pubin \
            -inkey verify/sm2-public.pem -in tagmanifest-sha256.txt \
            -sigfile tagmanifest-sha256.txt.sm2sig >"$scratch/out" 2>"$scratch/why"
        report $? "$counter"
        ;;
    esac
fi

print=$(openssl x509 -in verify/root.pem -noout -fingerprint -sha256 | sed 's/.*=//; s/://g' | tr A-F a-f)
printf '根证书指纹（请与平台公布的核对） root fingerprint, compare with the published one:\n%s\n' "$print"
if [ $# -gt 0 ]; then
    [ "$(printf '%s' "$1" | tr -d ': ' | tr A-F a-f)" = "$print" ]
    report $? "根证书 root certificate"
fi
exit $bad
