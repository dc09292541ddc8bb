using System.Reflection;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Tests;

/// <summary>Where the tests find their inputs.</summary>
internal static class TestFiles
{
    private static readonly string s_root = Path.GetFullPath(
        typeof(TestFiles).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryRoot").Value!);

    /// <summary>A file of the repository.</summary>
    public static string Repository(params string[] parts) => Path.Combine([s_root, .. parts]);

    /// <summary>What eng/jinja-goldens.py wrote, or a template that it rendered.</summary>
    public static string Golden(params string[] parts) => Repository(["tests", "ChatTemplates", "goldens", .. parts]);
}
