# docker build -t fanzha .        See docs/service.md. The image listens beyond itself, so it wants a key:
# docker run -p 8000:8000 -e FANZHA_API_KEY="$(openssl rand -hex 24)" fanzha
FROM python:3.12-slim-bookworm AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY detector detector
COPY api api
COPY rules rules
COPY samples samples
RUN pip wheel --no-cache-dir --wheel-dir /wheels ".[server]"

FROM python:3.12-slim-bookworm
ENV PYTHONUTF8=1 \
    PYTHONUNBUFFERED=1 \
    XDG_CACHE_HOME=/var/cache/fanzha \
    FANZHA_LOG=json
# No version to pin: the wheels are those of this very tree.
# hadolint ignore=DL3013
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links=/wheels "fanzha[server]" \
    && install --directory --owner=10001 --group=10001 /var/cache/fanzha
USER 10001:10001
# The compiled rules and jieba's dictionary lie in the image, so that a container is ready in a second.
RUN ["python", "-c", "from fanzha import Detector; Detector().rules.segmenter.edges('预热', 0, 2)"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
ENTRYPOINT ["fanzha"]
CMD ["serve", "--host", "0.0.0.0"]
