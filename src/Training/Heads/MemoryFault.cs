using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.Training.Heads;

/// <summary>Tells what libtorch throws when memory is short, on the CPU or on a GPU, from everything else.</summary>
internal static class MemoryFault
{
    private static readonly string[] s_texts = ["out of memory", "can't allocate memory", "CUBLAS_STATUS_ALLOC_FAILED"];

    /// <summary>Whether memory was short.</summary>
    public static bool Is(Exception failure) =>
        failure is OutOfMemoryException || failure is ExternalException
            && s_texts.Any(text => failure.Message.Contains(text, StringComparison.OrdinalIgnoreCase));
}
