"""The local web page: see a result before it is saved. Needs the extra `ui`: `pip install 'hueclid[ui]'`."""
