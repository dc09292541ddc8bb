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

        foreach (string root in Roots())
        {
            try
            {
                string folder = Directory.CreateDirectory(Path.Combine(root, "MiniMind.MLNet.Dpo", "native", fingerprint)).FullName;
                if (!OperatingSystem.IsWindows())
                    File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                string copy = Path.Combine(folder, Path.GetFileName(original));
                if (File.Exists(copy) && File.ReadAllBytes(copy).AsSpan().SequenceEqual(bytes))
                    return copy;
                string temporary = Path.Combine(folder, Path.GetRandomFileName());
                File.WriteAllBytes(temporary, bytes);
                File.Move(temporary, copy, overwrite: true);
                return copy;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // a read-only home is common in containers: the next root may be writable
            }
        }
        return null;
    }

    private static IEnumerable<string> Roots()
    {
        string? cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (!string.IsNullOrEmpty(cache))
            yield return cache;
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (!string.IsNullOrEmpty(home))
            yield return Path.Combine(home, ".cache");
        yield return Path.Combine(Path.GetTempPath(), "of-" + Environment.UserName);
    }
}
