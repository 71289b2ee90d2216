# SPDX-License-Identifier: GPL-2.0-or-later
import datetime

import numpy as np

from s2landcover_plugin.core.environment import plugin_version
from s2landcover_plugin.core.pages.provenance import now, software


def test_versions_and_time_are_those_of_this_run():
    versions = software()
    assert versions["Sentinel-2 Land Cover"] == plugin_version()
    assert versions["NumPy"] == np.__version__
    assert len(set(versions) & {"osgeo", "rasterio"}) == 1
    age = datetime.datetime.now(datetime.timezone.utc) - datetime.datetime.fromisoformat(now())
    assert age < datetime.timedelta(minutes=1)
