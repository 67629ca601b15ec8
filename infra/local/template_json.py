"""Prints template.yaml as JSON, its short functions (!Ref, !Sub, ...) in their long form: for tests that read it.

    template_json.py [FILE]
"""

import json
import sys

from deploy import load_template

if __name__ == "__main__":
    print(json.dumps(load_template(sys.argv[1] if len(sys.argv) > 1 else "template.yaml")))
