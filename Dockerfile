# Two images from one file: `runtime` runs Ray, jobs, the edge and the replay server, `ui` only the page.
#   docker build --target runtime -t candlecast .
#   docker build --target ui -t candlecast-ui .
ARG PYTHON_IMAGE=python:3.12-slim

# The installer stays out of the images: it is mounted where packages are installed.
FROM ${PYTHON_IMAGE} AS installer
RUN pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore uv==0.13.9

# What both images share: a user without rights, and paths.
FROM ${PYTHON_IMAGE} AS base
RUN useradd --uid 10001 --user-group --create-home --shell /usr/sbin/nologin candlecast
ENV PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    OMP_NUM_THREADS=1
WORKDIR /app

FROM base AS ui
RUN --mount=type=cache,target=/root/.cache/uv \
    --mount=type=bind,from=installer,source=/usr/local/bin/uv,target=/usr/local/bin/uv \
    --mount=type=bind,source=requirements-ui.lock,target=/tmp/requirements.lock \
    UV_LINK_MODE=copy uv pip install --system --compile-bytecode --require-hashes -r /tmp/requirements.lock
ENV GRADIO_ANALYTICS_ENABLED=False
COPY --chmod=755 cluster/compose/probe.sh /usr/local/bin/probe
# A named volume takes the owner of the folder that it covers.
RUN install -d -o candlecast -g candlecast logs
COPY LICENSE ./
COPY candlecast ./candlecast
COPY ui ./ui
RUN python -m compileall -q .
USER candlecast
EXPOSE 7860
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s CMD ["probe", "127.0.0.1", "7860", "/healthz"]
CMD ["python", "-m", "ui"]
ARG VERSION=0 REVISION=unknown
LABEL org.opencontainers.image.version=${VERSION} org.opencontainers.image.revision=${REVISION}

FROM base AS runtime
RUN --mount=type=cache,target=/root/.cache/uv \
    --mount=type=bind,from=installer,source=/usr/local/bin/uv,target=/usr/local/bin/uv \
    --mount=type=bind,source=requirements.lock,target=/tmp/requirements.lock \
    UV_LINK_MODE=copy uv pip install --system --compile-bytecode --require-hashes -r /tmp/requirements.lock \
    # 60 MB of other people's tests
    && find /usr/local/lib/python3*/site-packages -type d -name tests -prune -exec rm -r {} + \
    # pages of Ray's dashboard for what is not used here: each would be a process of 20 MB on the head
    && rm -r /usr/local/lib/python3*/site-packages/ray/dashboard/modules/data \
             /usr/local/lib/python3*/site-packages/ray/dashboard/modules/train
COPY --chmod=755 cluster/compose/probe.sh /usr/local/bin/probe
RUN install -d -o candlecast -g candlecast ml_models/registry logs /tmp/ray /gcs /tls /tls-postgres /tls-edge /scratch /var/lib/candlecast
COPY --chmod=755 <<'SCRIPT' /usr/local/bin/candlecast
#!/usr/local/bin/python
from jobs.cli import main

main()
SCRIPT
COPY . ./
RUN python -m compileall -q .
# some dozen processes with some dozen threads each: what the allocator keeps for every thread adds up
ENV MALLOC_ARENA_MAX=2
USER candlecast
# what is true of a Ray node, which most containers of this image are; Compose asks each of the others in its own way
HEALTHCHECK --interval=5s --timeout=5s --start-period=180s CMD ["probe", "127.0.0.1", "52365", "/api/local_raylet_healthz"]
CMD ["candlecast", "--help"]
ARG VERSION=0 REVISION=unknown
LABEL org.opencontainers.image.version=${VERSION} org.opencontainers.image.revision=${REVISION}
