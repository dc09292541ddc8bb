using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Architecture;

/// <summary>The source files of the library, those of its inner projects among them.</summary>
internal static class LibrarySources
{
    /// <summary>The folders of packages of their own, which use what the library shows to every app, and which it knows nothing of.</summary>
    public static readonly IReadOnlyList<string> OtherPackages = ["Tool", "Studio"];

    private static readonly string s_root = Path.Combine(TestFiles.RepositoryRoot, "src");

    /// <summary>The library's own files of a folder of <c>src</c>, or of all of it, by their paths within <c>src</c>.</summary>
    public static Dictionary<string, string> Of(string folder = "", string pattern = "*.cs") =>
        Directory.EnumerateFiles(Path.Combine(s_root, folder), pattern, SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(s_root, path).Replace('\\', '/')).Where(path => !path.Split('/').Any(part => part is "obj" or "bin"))
            .Where(path => folder.Length > 0 || !OtherPackages.Contains(path.Split('/')[0]))
            .ToDictionary(path => path, path => File.ReadAllText(Path.Combine(s_root, path)));
}
