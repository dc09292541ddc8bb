using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Modeling.Native;

/// <summary>Makes TorchSharp's native library load, and says what to add where no backend is there.</summary>
/// <remarks>
/// The hook is set when this assembly is loaded, or MiniMind.MLNet.Dpo itself, and fires only after the runtime's own probing has failed.
/// An app that uses TorchSharp before it touches either calls <see cref="EnsureLoaded"/> first.
/// On Linux it also has libtorch's threads wait for each other less busily, unless <c>GOMP_SPINCOUNT</c> or <c>OMP_WAIT_POLICY</c> is set: on a machine with
/// other work a busy wait takes ten times as long; and with a container's quota of processors, it has libtorch start no more threads than these, unless
/// <c>OMP_NUM_THREADS</c> or <c>MKL_NUM_THREADS</c> is set.
/// The variable <c>MINIMIND_TORCH_HOME</c> names a folder of libtorch's libraries that are taken instead of the app's, as <see cref="UseFolder(string)"/> does.
/// <c>MINIMIND_TORCHSHARP_LIBRARY</c> names a <c>libLibTorchSharp.so</c> that was built for them.
/// </remarks>
public static class TorchNativeLibrary
{

    private const string LibraryName = "LibTorchSharp";
    private static readonly Lazy<Exception?> s_failure = new(TryLoad);
    private static TorchHome? s_home;

    /// <summary>Loads libtorch now.</summary>
    /// <exception cref="DllNotFoundException">No backend is there or it does not load; the message names the package to add.</exception>
    public static void EnsureLoaded()
    {
        if (s_failure.Value is { } failure)
            throw new DllNotFoundException(failure.Message, failure.InnerException);
    }

    /// <summary>
    /// Loads libtorch now, from a folder of one's own: that of PyTorch (<c>torch/lib</c>), with CUDA or without, or of an unpacked libtorch archive.
    /// </summary>
    /// <remarks>To be called before anything uses TorchSharp or a model. It wins over a backend package of the app.</remarks>
    /// <param name="folder">The libraries' folder, or the one that has it as <c>lib</c>.</param>
    /// <exception cref="DllNotFoundException">The folder has no libtorch, or one of another version than TorchSharp is built for, or it does not
    /// load.</exception>
    /// <exception cref="InvalidOperationException">libtorch is loaded already.</exception>
    public static void UseFolder(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        Use(folder, null);
    }

    /// <summary>
    /// Loads libtorch now, from a folder of one's own and of any version, with a build of TorchSharp's native library for it.
    /// </summary>
    /// <remarks>
    /// Whether the two fit is judged by a self test (numbers, gradients, errors, sizes and strides, memory) in another process, before they are loaded here.
    /// A pair that held is remembered as long as its files stay as they are. Linux only.
    /// </remarks>
    /// <param name="folder">The libraries' folder, or the one that has it as <c>lib</c>.</param>
    /// <param name="torchSharpLibrary">The file <c>libLibTorchSharp.so</c>.</param>
    /// <exception cref="DllNotFoundException">One of them is not there or does not load, or they do not work together; the message says what does not
    /// hold.</exception>
    /// <exception cref="InvalidOperationException">libtorch is loaded already.</exception>
    public static void UseFolder(string folder, string torchSharpLibrary)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        ArgumentException.ThrowIfNullOrWhiteSpace(torchSharpLibrary);
        Use(folder, new TorchSharpLibrary(torchSharpLibrary, "The library given for TorchSharp"));
    }

#pragma warning disable CA2255 // the hook must be in place before the first use of TorchSharp, which the user's own code may cause
    [ModuleInitializer]
    internal static void Register()
    {
        OpenMpWaiting.Limit();
        OpenMpThreads.Limit();
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += Resolve;
        TorchSharpLibrary? library = Environment.GetEnvironmentVariable(TorchVariables.Library) is { Length: > 0 } path
            ? new TorchSharpLibrary(path, TorchVariables.Library) : null;
        if (Environment.GetEnvironmentVariable(TorchVariables.Home) is { Length: > 0 } folder)
            s_home = new TorchHome(folder, TorchVariables.Home, library);
        else if (library is not null && NativeFolders().FirstOrDefault(TorchHome.HasTorch) is { } own)
            s_home = new TorchHome(own, "The app's own libtorch", library);
        else
            return;
        _ = s_failure.Value; // now, before the app's own code can make TorchSharp load another; what fails is thrown where libtorch is needed
    }
#pragma warning restore CA2255

    private static void Use(string folder, TorchSharpLibrary? library)
    {
        if (s_failure.IsValueCreated)
        {
            throw new InvalidOperationException(
                $"libtorch is loaded already{(s_home is null ? "" : $", from '{s_home.Folder}'")}; '{folder}' would have to be given before.");
        }

        s_home = new TorchHome(folder, "The folder given for libtorch", library);
        EnsureLoaded();
    }

    private static Exception? TryLoad()
    {
        try
        {
            s_home?.Load(NativeFolders().FirstOrDefault(TorchHome.HasTorch));
        }
        catch (DllNotFoundException failure)
        {
            return failure;
        }
        if (s_home is null && !NativeFolders().Any(TorchHome.HasTorch))
        {
            return new DllNotFoundException(
                $"{BackendAdvice.Of(RuntimeInformation.RuntimeIdentifier)} Or set {TorchVariables.Home} to the folder of a libtorch " +
                $"{TorchRelease.Required} or PyTorch. Looked in: " + string.Join(", ", NativeFolders()));
        }

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
                $"{failure.GetBaseException().Message} Check that {(s_home is null ? "the backend package" : $"'{s_home.Folder}'")} has the version that " +
                    "TorchSharp asks for.", failure);
        }
    }

    private static nint Resolve(Assembly assembly, string name)
    {
        if (!OperatingSystem.IsLinux() || !name.Contains(LibraryName, StringComparison.Ordinal))
            return 0;
        string? original = NativeFolders().Select(folder => Path.Combine(folder, $"lib{LibraryName}.so")).FirstOrDefault(File.Exists);
        string? torchFolder = s_home?.Folder ?? NativeFolders().FirstOrDefault(TorchHome.HasTorch);
        if (original is null || torchFolder is null || CompatibleLibraryCache.CopyFor(original) is not { } copy)
            return 0;

        // the copy lies elsewhere, so what it needs must be in the process already
        foreach (string needed in new[] { "libc10.so", "libtorch_cpu.so", "libtorch.so" })
        {
            string path = Path.Combine(torchFolder, needed);
            if (File.Exists(path))
                NativeLibrary.Load(path);
        }
        return NativeLibrary.Load(copy);
    }

    private static IEnumerable<string> NativeFolders()
    {
        string searched = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        foreach (string folder in searched.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            yield return folder;
        yield return AppContext.BaseDirectory;
        yield return Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native");
    }
}
