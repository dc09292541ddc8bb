using System.Reflection;

namespace MiniMind.MLNet.Dpo.Tool.Tests.Infrastructure;

/// <summary>Files of the repository.</summary>
internal static class TestFiles
{
    public static string RepositoryRoot { get; } = typeof(TestFiles).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(data => data.Key == "RepositoryRoot").Value!;

    /// <summary>The bakery's model.</summary>
    public static string Model => Repository("examples/QuickStart/model");

    /// <summary>The bakery's pairs to measure on.</summary>
    public static string HeldOut => Repository("examples/QuickStart/data/heldout.jsonl");

    /// <summary>A file of the repository.</summary>
    public static string Repository(string path) => Path.GetFullPath(Path.Combine(RepositoryRoot, path));
}
