namespace MiniMind.MLNet.Dpo.Fuzz;

/// <summary>An input as a file, for readers that take a path; in memory where the system has such a folder.</summary>
internal sealed class TemporaryFile : IDisposable
{
    private static readonly string s_root = Directory.CreateDirectory(
        System.IO.Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : System.IO.Path.GetTempPath(), $"fuzz-{Environment.ProcessId}")).FullName;

    public TemporaryFile(string name, byte[] content)
    {
        Path = System.IO.Path.Combine(s_root, name);
        File.WriteAllBytes(Path, content);
    }

    public string Path { get; }

    public void Dispose() => File.Delete(Path);
}
