using System.Globalization;

namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>glibc's thresholds, in bytes, when no run wants others. It tells nobody what they are, but the environment says what it was told.</summary>
/// <param name="Map">A block of so many bytes and more is mapped, and goes back as soon as it is freed.</param>
/// <param name="Trim">Free memory at the heap's end beyond so many bytes goes back.</param>
internal sealed record HeapThresholds(int Map, int Trim)
{
    /// <summary>The largest block that glibc keeps, and the trim threshold that goes with it: what its own thresholds grow to.</summary>
    public const int LargestKept = 32 << 20, LargestTop = 2 * LargestKept;

    private const int Fixed = 128 << 10; // what both are while they may not grow
    private const string Tunables = "GLIBC_TUNABLES";

    /// <summary>Reads what glibc reads: its tunables, and the variables from before these.</summary>
    /// <param name="variable">Gives a variable of the environment.</param>
    public static HeapThresholds Of(Func<string, string?> variable)
    {
        Dictionary<string, string> tunables = [];
        foreach (string setting in (variable(Tunables) ?? "").Split(':'))
        {
            if (setting.Split('=') is [string name, string value])
                tunables[name] = value;
        }
        long? Read(string tunable, string older) => Number(tunables.GetValueOrDefault($"glibc.malloc.{tunable}") ?? variable(older));

        long? map = Read("mmap_threshold", "MALLOC_MMAP_THRESHOLD_"), trim = Read("trim_threshold", "MALLOC_TRIM_THRESHOLD_");
        if (map > LargestKept)
            map = null; // glibc refuses it
        bool grow = (map ?? trim ?? Read("top_pad", "MALLOC_TOP_PAD_") ?? Read("mmap_max", "MALLOC_MMAP_MAX_")) is null;
        return new HeapThresholds((int)(map ?? (grow ? LargestKept : Fixed)), (int)Math.Min(trim ?? (grow ? LargestTop : Fixed), int.MaxValue));
    }

    private static long? Number(string? text)
    {
        bool hexadecimal = text?.StartsWith("0x", StringComparison.OrdinalIgnoreCase) == true;
        return long.TryParse(hexadecimal ? text![2..] : text, hexadecimal ? NumberStyles.HexNumber : NumberStyles.None, CultureInfo.InvariantCulture,
            out long value) && value >= 0 ? value : null;
    }
}
