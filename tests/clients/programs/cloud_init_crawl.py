"""What cloud-init's own data source finds, as JSON; binary leaves as Latin-1.

    cloud_init_crawl.py [LOG-LEVEL]
"""

import json
import logging
import sys
import tempfile

from cloudinit import helpers, version
from cloudinit.sources import DataSourceEc2

if len(sys.argv) > 1:
    # Each line begins with its time in milliseconds. By force: cloud-init has a handler that says
    # nothing.
    logging.basicConfig(level=sys.argv[1], format="%(relativeCreated)d %(message)s", force=True)
folder = tempfile.mkdtemp()
paths = helpers.Paths({"cloud_dir": folder, "run_dir": folder})
source = DataSourceEc2.DataSourceEc2({}, None, paths)
# A virtual machine's firmware would tell it that.
source._cloud_name = DataSourceEc2.CloudNames.AWS
json.dump({"version": version.version_string(), "crawled": source.crawl_metadata()}, sys.stdout,
          default=lambda binary: binary.decode("latin-1"))
