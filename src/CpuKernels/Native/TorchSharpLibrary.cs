using System.Runtime.InteropServices;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>A build of TorchSharp's native library that is used in place of the app's own, such as one compiled for another libtorch.</summary>
internal sealed class TorchSharpLibrary
{
    private const string Name = "LibTorchSharp";

    private readonly string _origin;

    /// <summary>Names the file; nothing is looked at yet.</summary>
    /// <param name="path"><c>libLibTorchSharp.so</c>.</param>
    /// <param name="origin">Where the file's name comes from, for messages.</param>
    public TorchSharpLibrary(string path, string origin) => (Path, _origin) = (System.IO.Path.GetFullPath(path), origin);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Looks whether the file is there and this system can take it.</summary>
    /// <exception cref="DllNotFoundException">It is not, or cannot.</exception>
    public void RequireFile()
    {
        if (!OperatingSystem.IsLinux())
            throw new DllNotFoundException($"{_origin} is '{Path}', but another build of TorchSharp's native library can be taken on Linux only.");
        if (!File.Exists(Path))
            throw new DllNotFoundException($"{_origin} is '{Path}', which is no file. It must be a libLibTorchSharp.so.");
    }

    /// <summary>Loads it, so that TorchSharp calls it and no other. What it needs of libtorch must be in the process.</summary>
    /// <exception cref="DllNotFoundException">It does not load.</exception>
    public void Load()
    {
        if (!NativeLibrary.TryLoad(Path, out nint library))
            library = LoadCopy();
        StandInLibrary.Register(Name + ".so"); // TorchSharp looks for the file itself before it calls it: that search ends here
        NativeLibrary.SetDllImportResolver(typeof(torch).Assembly, (name, _, _) => name.Contains(Name, StringComparison.Ordinal) ? library : 0);
    }

    private nint LoadCopy()
    {
        try
        {
            return NativeLibrary.Load(CompatibleLibraryCache.CopyFor(Path) ?? Path);
        }
        catch (Exception failure) when (failure is DllNotFoundException or BadImageFormatException or InvalidDataException)
        {
            throw new DllNotFoundException($"{_origin} is '{Path}', but it does not load: {failure.Message}", failure);
        }
    }
}
