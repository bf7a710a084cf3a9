# Two images from one file: `runtime` runs Ray, jobs and the replay server, `ui` only the page.
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
COPY LICENSE ./
COPY candlecast ./candlecast
COPY ui ./ui
RUN python -m compileall -q .
USER candlecast
EXPOSE 7860
CMD ["python", "-m", "ui"]

FROM base AS runtime
RUN --mount=type=cache,target=/root/.cache/uv \
    --mount=type=bind,from=installer,source=/usr/local/bin/uv,target=/usr/local/bin/uv \
    --mount=type=bind,source=requirements.lock,target=/tmp/requirements.lock \
    UV_LINK_MODE=copy uv pip install --system --compile-bytecode --require-hashes -r /tmp/requirements.lock
# A named volume takes the owner of the folder that it covers.
RUN install -d -o candlecast -g candlecast ml_models/registry /tmp/ray /var/lib/candlecast
COPY --chmod=755 <<'SCRIPT' /usr/local/bin/candlecast
#!/usr/local/bin/python
from jobs.cli import main

main()
SCRIPT
COPY . ./
RUN python -m compileall -q .
USER candlecast
CMD ["candlecast", "--help"]
