namespace MiniMind.MLNet.Dpo.Tests.Distributed;

public sealed class OpenMpiFailureTests() : MpiFailureTests("Open MPI", otherLibrary: "libmpich.so.12");
