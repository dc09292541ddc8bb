using System.Runtime.CompilerServices;

namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>Linux's set of signals: a bit for each, in as many bytes as C libraries give the type.</summary>
[InlineArray(Words)]
internal struct SignalSet
{
    private const int Words = 16;

    private ulong _first;

    /// <summary>Adds a signal, from 1 to 64.</summary>
    public void Add(int signal) => this[0] |= 1UL << (signal - 1);

    /// <summary>Whether a signal, from 1 to 64, is in it.</summary>
    public readonly bool Contains(int signal) => (this[0] >> (signal - 1) & 1) != 0;
}
