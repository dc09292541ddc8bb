using System.Runtime.InteropServices;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>A folder of libtorch's libraries outside the app: of a CUDA build of PyTorch, or of an unpacked libtorch archive.</summary>
internal sealed class TorchHome
{
    // PyTorch's own order of dependencies; those of CUDA are not in every build
    private static readonly string[] s_libraries = ["c10", "torch_cpu", "c10_cuda", "torch_cuda", "torch"];

    private readonly string _origin;
    private readonly TorchSharpLibrary? _library;
    private nint _torchCpu;

    /// <summary>Names the folder; nothing is looked at yet.</summary>
    /// <param name="folder"><c>torch/lib</c>, or the folder that has it.</param>
    /// <param name="origin">Where the folder's name comes from, for messages.</param>
    /// <param name="library">A build of TorchSharp's native library for it: a self test then judges the two, not their versions. <see langword="null"/> for
    /// the app's own.</param>
    public TorchHome(string folder, string origin, TorchSharpLibrary? library = null)
    {
        string inside = Path.Combine(folder, "lib");
        (Folder, _origin, _library) = (!HasTorch(folder) && HasTorch(inside) ? inside : folder, origin, library);
    }

    /// <summary>The libraries' folder.</summary>
    public string Folder { get; }

    /// <summary>Whether a folder has libtorch.</summary>
    public static bool HasTorch(string folder) => File.Exists(Path.Combine(folder, FileName("torch_cpu")));

    /// <summary>Loads the libraries, so that TorchSharp's native library binds to them.</summary>
    /// <param name="ownFolder">The folder of the app's own libtorch, if it brings one, which is to stay unused.</param>
    /// <exception cref="DllNotFoundException">The folder is not there, has no libtorch or one of another version, or its libraries do not load.</exception>
    public void Load(string? ownFolder)
    {
        if (!HasTorch(Folder))
        {
            throw new DllNotFoundException(
                $"{_origin} is '{Folder}', {(Directory.Exists(Folder) ? $"which has no {FileName("torch_cpu")}" : "which is no folder")}. It must be the " +
                    "folder of libtorch's libraries, such as /path/to/torch/lib.");
        }

        TorchRelease? written = TorchRelease.Written(Folder);
        if (_library is not null)
            RequirePair(_library, written);
        else if (written is not null)
            Require(written);
        foreach (string name in s_libraries)
        {
            string path = Path.Combine(Folder, FileName(name));
            if (!File.Exists(path))
                continue;
            nint library = LoadFile(path);
            if (name != "torch_cpu")
                continue;
            _torchCpu = library;
            if (_library is null)
                Require(TorchRelease.Of(library) ?? new TorchRelease("older than 2.4", $"{FileName(name)} without a version function"));
        }
        if (ownFolder is not null && Path.GetFullPath(ownFolder) != Path.GetFullPath(Folder))
            HideFromSearch(ownFolder);
        _library?.Load();
        NativeLibrary.SetDllImportResolver(typeof(TorchHome).Assembly, (name, _, _) => name == "torch_cpu" ? _torchCpu : 0);
    }

    private static string FileName(string library) =>
        OperatingSystem.IsWindows() ? library + ".dll" : OperatingSystem.IsMacOS() ? $"lib{library}.dylib" : $"lib{library}.so";

    // two copies of libtorch in one process end it: they register the same operators
    private void HideFromSearch(string ownFolder)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new DllNotFoundException(
                $"{_origin} is '{Folder}', but the app brings a libtorch of its own in '{ownFolder}'. Build it without a backend package to use another.");
        }

        foreach (string name in new[] { "torch_cpu", "torch_cuda" })
            StandInLibrary.Register(name + ".so");
    }

    private void RequirePair(TorchSharpLibrary library, TorchRelease? written)
    {
        library.RequireFile();
        if (TorchSelfTestProcess.IsThis || TorchPair.Fault(Folder, library.Path) is not { } fault)
            return;
        throw new DllNotFoundException(
            $"{_origin} is '{Folder}', which has libtorch {written?.Version ?? "of an unknown version"}, and {TorchVariables.Library} is '{library.Path}', " +
                $"to be called by TorchSharp {typeof(torch).Assembly.GetName().Version!.ToString(3)} (made for libtorch {TorchRelease.Required}). " +
                $"They do not work together: {fault}. Compile TorchSharp's native library against this libtorch (docs/GPU.md), or give a libtorch " +
                $"{TorchRelease.Required}.x.");
    }

    private void Require(TorchRelease found)
    {
        if (!found.Fits)
        {
            throw new DllNotFoundException(
                $"{_origin} is '{Folder}', which has libtorch {found.Version} (says {found.Source}), but TorchSharp " +
                    $"{typeof(torch).Assembly.GetName().Version!.ToString(3)} is built for libtorch {TorchRelease.Required}. " +
                $"Give the folder of a libtorch or PyTorch {TorchRelease.Required}.x, or set {TorchVariables.Library} to a libLibTorchSharp.so for this one.");
        }
    }

    private nint LoadFile(string path)
    {
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception failure) when (failure is DllNotFoundException or BadImageFormatException)
        {
            throw new DllNotFoundException($"{_origin} is '{Folder}', but '{path}' does not load: {failure.Message}", failure);
        }
    }
}
