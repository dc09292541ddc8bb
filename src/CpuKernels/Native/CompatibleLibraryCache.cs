using System.Security.Cryptography;

namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>Keeps a per-user copy of TorchSharp's native library that loads on systems with an older libstdc++.</summary>
/// <remarks>
/// TorchSharp 0.107.0 is built on Ubuntu 24.04 and asks for GLIBCXX_3.4.32 through one symbol that no relocation uses.
/// The copy differs from the original in the flag that makes this need optional, and in nothing else.
/// </remarks>
internal static class CompatibleLibraryCache
{
    private const string UnmetVersion = "GLIBCXX_3.4.32";

    /// <summary>The path of the copy for the given original, made now if it is not there yet.</summary>
    /// <returns><see langword="null"/> where the original does not have that need, so that a copy would not help.</returns>
    public static string? CopyFor(string original)
    {
        byte[] bytes = File.ReadAllBytes(original);
        string fingerprint = Convert.ToHexStringLower(SHA256.HashData(bytes))[..16];
        if (ElfVersionNeeds.Weaken(bytes, UnmetVersion) == 0)
            return null;
        return UserCache.With(Path.Combine("native", fingerprint), folder =>
        {
            string copy = Path.Combine(folder, Path.GetFileName(original));
            if (!File.Exists(copy) || !File.ReadAllBytes(copy).AsSpan().SequenceEqual(bytes))
                UserCache.Write(copy, bytes);
            return copy;
        });
    }
}
