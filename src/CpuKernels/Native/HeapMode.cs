namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>What glibc does with blocks that were freed, from what takes most memory to what takes least.</summary>
internal enum HeapMode
{
    /// <summary>
    /// What the environment told it, or what it comes to by itself in a process that has freed large blocks: those of up to 32 MiB are kept, and what lies
    /// free at the end above 64 MiB goes back.
    /// </summary>
    Usual,

    /// <summary>Blocks of up to 32 MiB are kept until somebody trims the heap.</summary>
    KeepBlocks,

    /// <summary>Blocks of a megabyte and more go back as soon as they are freed.</summary>
    ReturnBlocks,
}
