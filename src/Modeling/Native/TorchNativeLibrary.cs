using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Modeling.Native;

/// <summary>Makes TorchSharp's native library load, and says what to add where no backend is there.</summary>
/// <remarks>
/// The hook is set when this library is loaded and fires only after the runtime's own probing has failed.
/// An app that uses TorchSharp before it touches this library calls <see cref="EnsureLoaded"/> first.
/// </remarks>
public static class TorchNativeLibrary
{
    private const string LibraryName = "LibTorchSharp";
    private static readonly Lazy<Exception?> s_failure = new(TryLoad);

    /// <summary>Loads libtorch now.</summary>
    /// <exception cref="DllNotFoundException">No backend is there or it does not load; the message names the package to add.</exception>
    public static void EnsureLoaded()
    {
        if (s_failure.Value is { } failure)
            throw new DllNotFoundException(failure.Message, failure);
    }

#pragma warning disable CA2255 // the hook must be in place before the first use of TorchSharp, which the user's own code may cause
    [ModuleInitializer]
    internal static void Register() => AssemblyLoadContext.Default.ResolvingUnmanagedDll += Resolve;
#pragma warning restore CA2255

    private static Exception? TryLoad()
    {
        if (NativeFolders().All(folder => !Directory.Exists(folder) || !HasTorch(folder)))
            return new DllNotFoundException(
                $"No libtorch was found for {RuntimeInformation.RuntimeIdentifier}. Add one backend to the app's project: " +
                "`dotnet add package TorchSharp-cpu` (or only this platform's: libtorch-cpu-linux-x64, libtorch-cpu-win-x64, libtorch-cpu-osx-arm64), " +
                "or `TorchSharp-cuda-linux` for CUDA. Looked in: " + string.Join(", ", NativeFolders()));
        try
        {
            RuntimeHelpers.RunClassConstructor(typeof(torch).TypeHandle);
            using torch.Tensor probe = torch.zeros(1);
            return null;
        }
        catch (Exception failure) when (failure is TypeInitializationException or NotSupportedException or DllNotFoundException)
        {
            return new DllNotFoundException(
                $"libtorch was found, but TorchSharp {typeof(torch).Assembly.GetName().Version} could not load it: " +
                $"{failure.GetBaseException().Message} Check that the backend package has the version that TorchSharp asks for.", failure);
        }
    }

    private static nint Resolve(Assembly assembly, string name)
    {
        if (!OperatingSystem.IsLinux() || !name.Contains(LibraryName, StringComparison.Ordinal)) return 0;
        string? original = NativeFolders().Select(folder => Path.Combine(folder, $"lib{LibraryName}.so")).FirstOrDefault(File.Exists);
        string? torchFolder = NativeFolders().FirstOrDefault(HasTorch);
        if (original is null || torchFolder is null || CompatibleLibraryCache.CopyFor(original) is not { } copy) return 0;

        // the copy lies elsewhere, so what it needs must be in the process already
        foreach (string needed in new[] { "libc10.so", "libtorch_cpu.so", "libtorch.so" })
        {
            string path = Path.Combine(torchFolder, needed);
            if (File.Exists(path)) NativeLibrary.Load(path);
        }
        return NativeLibrary.Load(copy);
    }

    private static bool HasTorch(string folder) =>
        File.Exists(Path.Combine(folder, "libtorch_cpu.so")) || File.Exists(Path.Combine(folder, "torch_cpu.dll")) ||
        File.Exists(Path.Combine(folder, "libtorch_cpu.dylib"));

    private static IEnumerable<string> NativeFolders()
    {
        string searched = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        foreach (string folder in searched.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            yield return folder;
        yield return AppContext.BaseDirectory;
        yield return Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native");
    }
}
