using System.Runtime.InteropServices;
using System.Text;

namespace MiniMind.MLNet.Dpo.Data;

/// <summary>Opens regular files only: what a path leads to is looked at before it is opened, so that a pipe cannot block and a device cannot pour.</summary>
/// <remarks>
/// .NET tells folders and links, but neither pipes, sockets nor devices; hence the two calls of the C library, whose layouts are fixed
/// (<c>statx</c> on Linux, <c>stat</c> on macOS). On Windows a device has a path of its own form, and what cannot seek is refused.
/// </remarks>
internal static unsafe partial class RegularFile
{
    private const int CurrentFolder = -100;
    private const int AskType = 1;
    private const int StatxModeOffset = 28;
    private const int StatModeOffset = 4;
    private const int BufferBytes = 512;
    private const int FirstBytes = 64 * 1024;

    /// <summary>Opens a file to read, following links.</summary>
    /// <param name="path">The file, or a link to it.</param>
    /// <param name="options">How it will be read.</param>
    /// <param name="share">What others may do with it meanwhile.</param>
    /// <exception cref="InvalidDataException">The path leads to something that is no regular file; the message names its kind.</exception>
    /// <exception cref="IOException">It cannot be opened, or is not there (<see cref="FileNotFoundException"/>,
    /// <see cref="DirectoryNotFoundException"/>).</exception>
    /// <exception cref="UnauthorizedAccessException">Its permissions forbid reading.</exception>
    public static FileStream OpenRead(string path, FileOptions options = FileOptions.SequentialScan, FileShare share = FileShare.Read)
    {
        Check(path);
        FileStream stream = new(path, FileMode.Open, FileAccess.Read, share, bufferSize: 0, options);
        // once more by the open handle, in case that the path was given another file in between
        if ((OperatingSystem.IsWindows() ? null : KindOf($"/dev/fd/{stream.SafeFileHandle.DangerousGetHandle()}")) is { } other)
        {
            stream.Dispose();
            throw Refusal(path, other);
        }
        if (stream.CanSeek)
            return stream;
        stream.Dispose();
        throw Refusal(path, "a pipe or device");
    }

    /// <summary>Checks that a path leads to a regular file or to nothing, without opening it.</summary>
    /// <exception cref="InvalidDataException">It leads to something else; the message names its kind.</exception>
    public static void Check(string path)
    {
        if (KindOf(path) is { } kind)
            throw Refusal(path, kind);
    }

    /// <summary>Reads a whole file, and never more than one byte past a limit, whatever length the file system names.</summary>
    /// <exception cref="InvalidDataException">The path leads to no regular file, or the file has more than <paramref name="maxBytes"/> bytes.</exception>
    /// <exception cref="IOException">It cannot be opened or read.</exception>
    /// <exception cref="UnauthorizedAccessException">Its permissions forbid reading.</exception>
    public static byte[] ReadAllBytes(string path, int maxBytes)
    {
        using FileStream stream = OpenRead(path);
        // what a file system names is no promise, but a length beyond the limit is reason enough not to read that far
        if (stream.Length > maxBytes)
            throw new InvalidDataException($"{path} has {stream.Length} bytes; at most {maxBytes} are read.");
        byte[] bytes = new byte[(int)Math.Min(Math.Max(stream.Length, FirstBytes) + 1, maxBytes + 1L)];
        int count = 0;
        while (true)
        {
            int read = stream.Read(bytes, count, bytes.Length - count);
            count += read;
            if (count > maxBytes)
                throw new InvalidDataException($"{path} has more than the {maxBytes} bytes that such a file may have.");
            if (read == 0)
                return bytes[..count];
            if (count == bytes.Length)
                Array.Resize(ref bytes, (int)Math.Min(2L * bytes.Length, maxBytes + 1L));
        }
    }

    /// <summary>What a path leads to, in words; null for a regular file, for nothing, and where the system does not say.</summary>
    public static string? KindOf(string path)
    {
        if (Directory.Exists(path))
            return "a folder";
        if (OperatingSystem.IsWindows())
            return Path.GetFullPath(path).StartsWith(@"\\.\", StringComparison.Ordinal) ? "a device" : null;
        return (Mode(path) & 0xF000) switch
        {
            0x1000 => "a named pipe",
            0x2000 => "a character device",
            0x6000 => "a block device",
            0xC000 => "a socket",
            _ => null,
        };
    }

    private static InvalidDataException Refusal(string path, string kind)
    {
        string target = "";
        try
        {
            target = File.ResolveLinkTarget(path, returnFinalTarget: true) is { } end ? $" (a link to {end.FullName})" : "";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // the kind is known all the same
        }
        return new InvalidDataException($"{path}{target} is {kind}, not a regular file; name a file, or write what it gives into one first.");
    }

    // The kind and permissions that the system keeps with a path, links followed; 0 where it does not say.
    private static int Mode(string path)
    {
        byte* buffer = stackalloc byte[BufferBytes];
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            try
            {
                if (OperatingSystem.IsLinux())
                    return Statx(CurrentFolder, name, flags: 0, AskType, buffer) == 0 ? *(ushort*)(buffer + StatxModeOffset) : 0;
                if (!OperatingSystem.IsMacOS())
                    return 0;
                int result = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? StatOfX64(name, buffer) : Stat(name, buffer);
                return result == 0 ? *(ushort*)(buffer + StatModeOffset) : 0;
            }
            catch (EntryPointNotFoundException)
            {
                return 0;
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "statx")]
    private static partial int Statx(int folder, byte* path, int flags, uint mask, byte* buffer);

    [LibraryImport("libc", EntryPoint = "stat")]
    private static partial int Stat(byte* path, byte* buffer);

    [LibraryImport("libc", EntryPoint = "stat$INODE64")]
    private static partial int StatOfX64(byte* path, byte* buffer);
}
