using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Training.Distributed;

namespace GpuCheck;

/// <summary>What differs between two runs that must come to the same losses.</summary>
internal sealed record TrainingChoice(
    ComputeDevice Device, ComputePrecision Precision, BatchPadding Padding, int? Threads = null, bool AllowTf32 = false, ICommunicator? Communicator = null);
