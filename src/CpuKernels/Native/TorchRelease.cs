using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>A release of libtorch, and what told it.</summary>
/// <param name="Version">Such as <c>2.10.0+cu128</c>.</param>
/// <param name="Source">The file or function that says so.</param>
internal sealed partial record TorchRelease(string Version, string Source)
{
    /// <summary>The releases that TorchSharp 0.107 is built for: its C++ interface changes with every minor version.</summary>
    public const string Required = "2.10";

    /// <summary>The version of libtorch's packages that TorchSharp 0.107 asks for.</summary>
    public const string Package = "2.10.0";

    /// <summary>Whether TorchSharp's native library can be bound to it.</summary>
    public bool Fits => Version == Required || Version.StartsWith(Required + ".", StringComparison.Ordinal);

    /// <summary>
    /// What is written beside a folder of libraries: <c>version.py</c> in PyTorch, <c>build-version</c> in a libtorch archive; <see langword="null"/> where
    /// neither is there.
    /// </summary>
    /// <param name="folder">The libraries' folder, <c>lib</c> of either.</param>
    public static TorchRelease? Written(string folder)
    {
        foreach (string parent in new[] { Path.Combine(folder, ".."), folder })
        {
            string python = Path.Combine(parent, "version.py"), archive = Path.Combine(parent, "build-version");
            if (File.Exists(python) && PythonVersion().Match(File.ReadAllText(python)) is { Success: true } match)
                return new TorchRelease(match.Groups[1].Value, Path.GetFullPath(python));
            if (File.Exists(archive))
                return new TorchRelease(File.ReadAllText(archive).Trim(), Path.GetFullPath(archive));
        }
        return null;
    }

    /// <summary>What a loaded <c>libtorch_cpu</c> says of itself; <see langword="null"/> where it is too old to say.</summary>
    public static unsafe TorchRelease? Of(nint library)
    {
        const string function = "aoti_torch_abi_version";
        if (!NativeLibrary.TryGetExport(library, function, out nint address))
            return null;
        ulong version = ((delegate* unmanaged[Cdecl]<ulong>)address)(); // a byte each for major, minor and patch, from the highest
        return new TorchRelease($"{version >> 56}.{version >> 48 & 0xff}.{version >> 40 & 0xff}", function);
    }

    [GeneratedRegex("""^__version__\s*=\s*['"]([^'"]+)['"]""", RegexOptions.Multiline)]
    private static partial Regex PythonVersion();
}
