"""Examples that no test runs: Terraform and Ansible. Their words are held against the schemas."""

import json
import re
from pathlib import Path
from typing import Any

import hcl2
import jsonschema
import pytest
import yaml

from lab.plugin.schema import Schema
