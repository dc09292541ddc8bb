using System.Diagnostics;
using System.Net.Sockets;

namespace MiniMind.MLNet.Dpo.Tests.Infrastructure;

/// <summary>Puts something that is no regular file where one is expected; tests that ask for it are skipped where the system has none.</summary>
internal static class SpecialFile
{
    /// <summary>The kinds, and what errors call them.</summary>
    public static TheoryData<string, string> Kinds => new()
    {
        { "link to /dev/zero", "a character device" },
        { "pipe", "a named pipe" },
        { "socket", "a socket" },
        { "folder", "a folder" },
        { "link to a pipe", "a named pipe" },
    };

    /// <summary>Makes one, in place of what is there.</summary>
    public static void Make(string path, string kind)
    {
        Skip.IfNot(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "needs pipes and devices with names");
        File.Delete(path);
        switch (kind)
        {
            case "link to /dev/zero":
                File.CreateSymbolicLink(path, "/dev/zero");
                break;
            case "pipe":
                Pipe(path);
                break;
            case "link to a pipe":
                Pipe(path + ".pipe");
                File.CreateSymbolicLink(path, path + ".pipe");
                break;
            case "socket":
                using (Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
                    socket.Bind(new UnixDomainSocketEndPoint(path));
                if (!File.Exists(path))
                {
                    Process.Start("python3", ["-c", $"import socket; socket.socket(socket.AF_UNIX).bind({System.Text.Json.JsonSerializer.Serialize(path)})"])
                        .WaitForExit();
                }

                Skip.IfNot(File.Exists(path), "needs a socket with a name");
                break;
            default:
                Directory.CreateDirectory(path);
                break;
        }
    }

    private static void Pipe(string path)
    {
        using Process process = Process.Start("mkfifo", [path]);
        process.WaitForExit();
        Skip.IfNot(process.ExitCode == 0, "needs mkfifo");
    }
}
