using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Documentation;

/// <summary>The project's own pages.</summary>
internal static class ProjectPages
{
    private static readonly string[] s_folders = ["docs", "examples", "src", "bench", "eng", "tests"];

    /// <summary>All of them, from the repository's root on, with slashes.</summary>
    public static IReadOnlyList<string> All()
    {
        IEnumerable<string> paths = Directory.EnumerateFiles(TestFiles.RepositoryRoot, "*.md");
        foreach (string folder in s_folders)
            paths = paths.Concat(Directory.EnumerateFiles(TestFiles.Repository(folder), "*.md", SearchOption.AllDirectories));
        return
        [
            .. paths.Select(path => Path.GetRelativePath(TestFiles.RepositoryRoot, path).Replace('\\', '/'))
                .Where(page => !page.Split('/').Any(step => step is "bin" or "obj" or "TestResults" or "BenchmarkDotNet.Artifacts"))
                .Where(page => !page.StartsWith("bench/LossComparison/pages/", StringComparison.Ordinal)) // what that program makes pages of docs/ from
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>A page's text.</summary>
    public static string Read(string page) => File.ReadAllText(TestFiles.Repository(page.Split('/')));
}
