namespace MiniMind.MLNet.Dpo.Tests.Distributed;

public sealed class OpenMpiCollectiveTests() : MpiCollectiveTests("Open MPI", "Open MPI");
