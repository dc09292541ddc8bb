using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.Training.Distributed.Mpi;

/// <summary>The few functions of the C library that .NET has no equal for.</summary>
internal static unsafe partial class SystemLibrary
{
    private const int LoadNow = 0x2;
    private const int LoadGlobal = 0x100;

    /// <summary>Loads a shared library with its symbols visible to the libraries that it loads in turn; 0 and the reason where it cannot.</summary>
    /// <remarks>Open MPI's components look for the symbols of libmpi in the global scope; <see cref="NativeLibrary"/> loads into a local one.</remarks>
    public static nint LoadGlobally(string name, out string error)
    {
        // asked beforehand too, because binding the function on its first call forgets the last error
        try
        {
            OpenError();
            nint handle = Open(name, LoadNow | LoadGlobal);
            error = handle == 0 ? Text(OpenError()) : "";
            return handle;
        }
        catch (EntryPointNotFoundException)
        {
            // before glibc 2.34 these two were in a library of their own
            OpenErrorOld();
            nint handle = OpenOld(name, LoadNow | LoadGlobal);
            error = handle == 0 ? Text(OpenErrorOld()) : "";
            return handle;
        }
    }

    /// <summary>The process that started this one, or the one that took over after its end.</summary>
    [LibraryImport("libc", EntryPoint = "getppid")]
    public static partial int ParentProcess();

    /// <summary>Ends the process at once, with no handlers run.</summary>
    [LibraryImport("libc", EntryPoint = "_exit")]
    public static partial void Exit(int code);

    /// <summary>Lets the thread sleep for less than a millisecond.</summary>
    public static void Sleep(int microseconds)
    {
        (long Seconds, long Nanoseconds) time = (0L, microseconds * 1000L);
        NanoSleep(&time, null);
    }

    /// <summary>Reads (<paramref name="replacement"/> null) or replaces what happens on a signal.</summary>
    [LibraryImport("libc", EntryPoint = "sigaction")]
    public static partial int SignalAction(int signal, byte* replacement, byte* previous);

    private static string Text(nint message) => Marshal.PtrToStringUTF8(message) ?? "unknown error";

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep((long Seconds, long Nanoseconds)* time, void* remaining);

    [LibraryImport("libc", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Open(string name, int flags);

    [LibraryImport("libc", EntryPoint = "dlerror")]
    private static partial nint OpenError();

    [LibraryImport("libdl.so.2", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint OpenOld(string name, int flags);

    [LibraryImport("libdl.so.2", EntryPoint = "dlerror")]
    private static partial nint OpenErrorOld();
}
