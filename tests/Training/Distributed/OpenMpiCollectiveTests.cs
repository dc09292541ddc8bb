namespace MiniMind.MLNet.Dpo.Tests.Training.Distributed;

public sealed class OpenMpiCollectiveTests() : MpiCollectiveTests("Open MPI", "Open MPI");
