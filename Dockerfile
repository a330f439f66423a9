# syntax=docker/dockerfile:1
# BASE: any image with Python 3.11 or newer and its venv module, by tag or digest.
ARG BASE=python:3.11-slim-bookworm@sha256:0bee7276f83efd4a1ee05bbbf4281d95ed28e079220a9457f25a93e3f1e3c31b

FROM ${BASE} AS builder
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
# The locked packages first: they change less often than the program, so this layer stays cached.
COPY requirements/build.txt requirements/runtime.txt requirements/
RUN python3 -m venv /opt/build \
    && python3 -m venv --without-pip /opt/finops \
    && /opt/build/bin/pip install --no-deps --require-hashes --requirement requirements/build.txt \
    && /opt/build/bin/pip --python /opt/finops/bin/python install --no-deps --require-hashes --only-binary :all: --requirement requirements/runtime.txt
COPY pyproject.toml README.md LICENSE ./
COPY finops finops
COPY exporters exporters
COPY policies policies
COPY docs/runbooks docs/runbooks
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
    && /opt/build/bin/pip --python /opt/finops/bin/python install --no-deps dist/*.whl

FROM ${BASE}
LABEL org.opencontainers.image.title="finops" \
      org.opencontainers.image.description="Watches cloud, data-centre and AI bills against budgets and demand" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV PATH=/opt/finops/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
COPY --from=builder /opt/finops /opt/finops
# A number, so that Kubernetes can check runAsNonRoot. The lake and the state live in the volume.
RUN mkdir -p /etc/finops /var/lib/finops && chown 65532:65532 /var/lib/finops
USER 65532:65532
WORKDIR /var/lib/finops
VOLUME /var/lib/finops
EXPOSE 9700
# The port of `http: {listen: 0.0.0.0:9700}`; ignores any proxy in the environment.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "from urllib import request as r; r.build_opener(r.ProxyHandler({})).open('http://127.0.0.1:9700/healthz', timeout=4)"]
ENTRYPOINT ["finops"]
CMD ["run", "-c", "/etc/finops/finops.yaml"]
