namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>Folders in which things may be kept for this user that can be made again.</summary>
internal static class UserCache
{
    /// <summary>A folder of that name under the first place that can be written to, made where it is not there, for this user alone.</summary>
    /// <param name="name">Such as <c>native/0123abcd</c>.</param>
    /// <param name="use">What is done with it; an <see cref="IOException"/> or a missing right leads to the next place.</param>
    /// <returns>What <paramref name="use"/> gave; <see langword="null"/> where no place can be written to.</returns>
    public static string? With(string name, Func<string, string?> use)
    {
        foreach (string root in Roots())
        {
            try
            {
                string folder = Directory.CreateDirectory(Path.Combine(root, "MiniMind.MLNet.Dpo", name)).FullName;
                if (!OperatingSystem.IsWindows())
                    File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                return use(folder);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // a read-only home is common in containers: the next root may be writable
            }
        }
        return null;
    }

    /// <summary>Writes a file beside its place and moves it there.</summary>
    public static void Write(string path, byte[] bytes)
    {
        string temporary = Path.Combine(Path.GetDirectoryName(path)!, Path.GetRandomFileName());
        File.WriteAllBytes(temporary, bytes);
        File.Move(temporary, path, overwrite: true);
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
