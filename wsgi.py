"""What gunicorn loads: the web of one installation, set up by the environment."""

from odr.bootstrap import bootstrap
from odr.settings import Settings
from odr.web.app import create_app

settings = Settings.from_env()
app = create_app(settings, bootstrap(settings))
