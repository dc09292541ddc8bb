using System.Net.Sockets;
using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo.Tests.Data;

public sealed partial class RegularFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("regular-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableFact]
    public async Task OpenRead_NamedPipe_IsRefusedWithoutBlocking()
    {
        Skip.If(OperatingSystem.IsWindows());
        string pipe = Path.Combine(_folder, "a pipe"), link = Path.Combine(_folder, "data.jsonl");
        MakePipe(pipe, 0x180).Should().Be(0);
        File.CreateSymbolicLink(link, pipe);

        await Task.Run(() => Open(pipe).Should().Throw<InvalidDataException>().WithMessage($"{pipe} is a named pipe, not a regular file; *"))
            .WaitAsync(TimeSpan.FromSeconds(20));
        await Task.Run(() => Open(link).Should().Throw<InvalidDataException>().WithMessage($"{link} (a link to {pipe}) is a named pipe, *"))
            .WaitAsync(TimeSpan.FromSeconds(20));
    }

    [SkippableFact]
    public void OpenRead_Device_IsRefusedThroughLinks()
    {
        Skip.If(OperatingSystem.IsWindows());
        string first = Path.Combine(_folder, "first"), second = Path.Combine(_folder, "second");
        File.CreateSymbolicLink(second, "/dev/zero");
        File.CreateSymbolicLink(first, second);
        Open("/dev/zero").Should().Throw<InvalidDataException>().WithMessage("/dev/zero is a character device, *");
        Open(first).Should().Throw<InvalidDataException>().WithMessage("*first (a link to /dev/zero) is a character device, *");
        Open("/dev/null").Should().Throw<InvalidDataException>("a file with nothing in it is better than a device");
    }

    [SkippableFact]
    public void OpenRead_Socket_IsRefused()
    {
        Skip.If(OperatingSystem.IsWindows());
        string path = Path.Combine(_folder, "s");
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        Open(path).Should().Throw<InvalidDataException>().WithMessage("* is a socket, *");
    }

    [Fact]
    public void OpenRead_Folder_IsRefusedByKind() => Open(_folder).Should().Throw<InvalidDataException>().WithMessage("* is a folder, not a regular file; *");

    [Fact]
    public void OpenRead_LoopOfLinksOrNothing_IsAnIOException()
    {
        string left = Path.Combine(_folder, "left"), right = Path.Combine(_folder, "right");
        File.CreateSymbolicLink(left, right);
        File.CreateSymbolicLink(right, left);
        Open(left).Should().Throw<IOException>();
        Open(Path.Combine(_folder, "none")).Should().Throw<FileNotFoundException>();
        Open(Path.Combine(_folder, "none", "none")).Should().Throw<DirectoryNotFoundException>();
    }

    [Fact]
    public void OpenRead_FileAndLinkToIt_GiveItsBytes()
    {
        string path = Path.Combine(_folder, "天 気 #1.jsonl"), link = Path.Combine(_folder, "link");
        File.WriteAllText(path, "abc");
        File.CreateSymbolicLink(link, path);
        RegularFile.KindOf(link).Should().BeNull();
        using StreamReader reader = new(RegularFile.OpenRead(link));
        reader.ReadToEnd().Should().Be("abc");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(99_999)]
    [InlineData(100_000)]
    public void ReadAllBytes_UpToTheLimit_GivesAllOfThem(int length)
    {
        byte[] bytes = RegularFile.ReadAllBytes(Write(length), 100_000);
        bytes.Should().HaveCount(length).And.NotContain((byte)0);
    }

    [Fact]
    public void ReadAllBytes_OneMore_IsRefused() => FluentActions.Invoking(() => RegularFile.ReadAllBytes(Write(100_001), 100_000)).Should()
        .Throw<InvalidDataException>().WithMessage("* has 100001 bytes; at most 100000 are read.");

    [SkippableFact]
    public void ReadAllBytes_FileWhoseLengthSaysNothing_IsCountedWhileRead()
    {
        const string Path = "/proc/self/maps";
        Skip.IfNot(File.Exists(Path));
        new FileInfo(Path).Length.Should().Be(0);
        RegularFile.ReadAllBytes(Path, 100_000_000).Should().NotBeEmpty();
        FluentActions.Invoking(() => RegularFile.ReadAllBytes(Path, 1_000)).Should().Throw<InvalidDataException>();
    }

    private static Action Open(string path) => () => RegularFile.OpenRead(path).Dispose();

    private string Write(int length)
    {
        string path = Path.Combine(_folder, "file");
        byte[] bytes = new byte[length];
        bytes.AsSpan().Fill(7);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakePipe(string path, uint mode);
}
