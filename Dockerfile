# The course in a container: docs/containers.md explains it.
FROM debian:12
COPY setup /tmp/setup
RUN /tmp/setup
WORKDIR /src
CMD ["bash"]
