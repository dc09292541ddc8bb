using System.Security.Cryptography;
using System.Text;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>What is known of a libtorch and a build of TorchSharp's native library together.</summary>
internal static class TorchPair
{
    /// <summary>Tests the two, unless they were seen to work as they lie there.</summary>
    /// <param name="folder">libtorch's libraries.</param>
    /// <param name="library">TorchSharp's native library.</param>
    /// <returns>What does not hold; <see langword="null"/> where all does.</returns>
    public static string? Fault(string folder, string library)
    {
        string seen = Path.Combine("pairs", Fingerprint(folder, library));
        if (UserCache.With(seen, place => Kept(place)) is not null)
            return null;
        if (TorchSelfTestProcess.Run(folder, library) is { } fault)
            return fault;
        UserCache.With(seen, place =>
        {
            UserCache.Write(Path.Combine(place, TorchSelfTestProcess.Good), Encoding.UTF8.GetBytes($"{folder}\n{library}\n"));
            return place;
        });
        return null;
    }

    private static string? Kept(string place) => File.Exists(Path.Combine(place, TorchSelfTestProcess.Good)) ? place : null;

    // where any file is another one than it was, the pair is tested again
    private static string Fingerprint(string folder, string library)
    {
        IEnumerable<FileInfo> files = new DirectoryInfo(folder).EnumerateFiles("lib*").Append(new FileInfo(library))
            .OrderBy(file => file.FullName, StringComparer.Ordinal);
        StringBuilder all = new();
        all.AppendLine(typeof(torch).Assembly.FullName).AppendLine(typeof(TorchPair).Module.ModuleVersionId.ToString());
        foreach (FileInfo file in files)
            all.AppendLine($"{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all.ToString())))[..32];
    }
}
