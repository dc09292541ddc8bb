using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>The environment that native libraries read when they are loaded; .NET's own is a copy that they do not see.</summary>
internal static class NativeEnvironment
{
    /// <summary>Whether any of some variables says something.</summary>
    public static bool SaysAnyOf(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 })
                return true;
        }
        return false;
    }

    /// <summary>Sets a variable that has no value yet, on Linux; where the C library is another one, nothing is set.</summary>
    public static void Set(string name, string value)
    {
        try
        {
            _ = setenv(name, value, 0);
        }
        catch (EntryPointNotFoundException)
        {
            // libraries then do as they do by themselves
        }
    }

    [DllImport("libc")]
    private static extern int setenv([MarshalAs(UnmanagedType.LPUTF8Str)] string name, [MarshalAs(UnmanagedType.LPUTF8Str)] string value, int overwrite);
}
