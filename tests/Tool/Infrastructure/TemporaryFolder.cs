namespace MiniMind.MLNet.Dpo.Tool.Tests.Infrastructure;

/// <summary>A folder for a test, gone with it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dpo-tool-");

    public string Path => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>A path in it.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>A file in it.</summary>
    public string Write(string name, string text)
    {
        System.IO.File.WriteAllText(File(name), text);
        return File(name);
    }

    /// <summary>The first lines of a file of the repository as a file in it.</summary>
    public string FirstLines(string name, string source, int count) =>
        Write(name, string.Concat(System.IO.File.ReadLines(source).Take(count).Select(line => line + "\n")));
}
