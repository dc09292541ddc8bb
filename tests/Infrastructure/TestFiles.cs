using System.Reflection;

namespace MiniMind.MLNet.Dpo.Tests.Infrastructure;

/// <summary>Where tests find their inputs: goldens kept in the repository, and larger shared data that may be absent.</summary>
internal static class TestFiles
{
    /// <summary>The repository's root folder.</summary>
    public static string RepositoryRoot { get; } = Path.GetFullPath(
        typeof(TestFiles).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryRoot").Value!);

    /// <summary>A file or folder of the repository.</summary>
    public static string Repository(params string[] parts) => Path.Combine([RepositoryRoot, .. parts]);

    /// <summary>A golden file that is part of the repository.</summary>
    public static string Golden(params string[] parts) => Repository(["tests", "goldens", .. parts]);

    /// <summary>A file of the shared folder beside the checkout; the calling test (a <c>[SkippableFact]</c>) is skipped where it is absent.</summary>
    public static string Shared(params string[] parts)
    {
        string path = Path.Combine([RepositoryRoot, "..", "shared", .. parts]);
        Skip.IfNot(Path.Exists(path), $"needs shared/{string.Join('/', parts)} beside the checkout");
        return path;
    }
}
