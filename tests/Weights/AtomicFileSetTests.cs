using System.Diagnostics;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

public class AtomicFileSetTests
{
    [Fact]
    public void WriteOne_Success_ReplacesTheFileAndLeavesNothingElse()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("a.bin", [1, 2, 3]);

        AtomicFileSet.WriteOne(path, stream => stream.Write([4, 5]));

        File.ReadAllBytes(path).Should().Equal(4, 5);
        Directory.GetFiles(folder.Path).Should().Equal(path);
    }

    [Fact]
    public void WriteOne_WriterThatFails_LeavesTheOldFile()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("a.bin", [1, 2, 3]);

        FluentActions.Invoking(() => AtomicFileSet.WriteOne(path, stream =>
        {
            stream.Write(new byte[100_000]);
            throw new IOException("the cable was pulled");
        })).Should().Throw<IOException>().WithMessage("the cable was pulled");

        File.ReadAllBytes(path).Should().Equal(1, 2, 3);
        Directory.GetFiles(folder.Path).Should().Equal(path);
    }

    [Fact]
    public void Commit_SecondFileFails_LeavesAllOldFiles()
    {
        using TemporaryFolder folder = new();
        string first = folder.Write("a.bin", [1]), second = folder.Write("b.bin", [2]);

        FluentActions.Invoking(() =>
        {
            using AtomicFileSet files = new();
            files.Write(first, stream => stream.Write([3]));
            files.Write(second, _ => throw new IOException("no"));
            files.Commit();
        }).Should().Throw<IOException>();

        File.ReadAllBytes(first).Should().Equal(1);
        File.ReadAllBytes(second).Should().Equal(2);
        Directory.GetFiles(folder.Path).Should().HaveCount(2);
    }

    [SkippableFact]
    public void WriteOne_FullDisk_LeavesTheOldFile()
    {
        using TemporaryFolder folder = new();
        string mount = Directory.CreateDirectory(folder.File("small")).FullName;
        Skip.IfNot(OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", mount), "needs the right to mount a small tmpfs");
        try
        {
            string path = Path.Combine(mount, "a.bin");
            File.WriteAllBytes(path, [1, 2, 3]);

            FluentActions.Invoking(() => AtomicFileSet.WriteOne(path, stream => stream.Write(new byte[1 << 20]))).Should().Throw<IOException>();

            File.ReadAllBytes(path).Should().Equal(1, 2, 3);
            Directory.GetFiles(mount).Should().Equal(path);
        }
        finally
        {
            Run("umount", mount);
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
