using System.ComponentModel;
using System.Diagnostics;

namespace MiniMind.MLNet.Dpo.Tests.Training.Checkpoints;

/// <summary>A file system of its own in memory, of a few kilobytes; the test is skipped where it may not be mounted.</summary>
internal sealed class SmallDisk : IDisposable
{
    public SmallDisk(long kilobytes)
    {
        bool mounted = OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", $"size={kilobytes}k", "tmpfs", Path);
        if (!mounted)
            Directory.Delete(Path);
        Skip.IfNot(mounted, "needs the right to mount a small tmpfs");
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("small-disk-").FullName;

    public void Dispose()
    {
        Run("umount", Path);
        Directory.Delete(Path);
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
