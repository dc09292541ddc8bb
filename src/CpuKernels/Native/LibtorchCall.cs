using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>Calls operations of libtorch that TorchSharp does not wrap, by their names, through libtorch's stable C interface.</summary>
/// <remarks>Gradients flow through them as through any other operation. On Linux, where a C++ object's memory comes from <c>malloc</c>.</remarks>
public static unsafe partial class LibtorchCall
{
    /// <summary>Room for arguments that a newer schema has behind those of an older one: nothing there means not given.</summary>
    private const int Slots = 32;

    /// <summary>Whether the loaded libtorch has the interface.</summary>
    public static bool IsAvailable { get; } = OperatingSystem.IsLinux()
        && TorchLibrary.TryGetExport("aoti_torch_call_dispatcher", out _) && TorchLibrary.TryGetExport("torch_new_list_reserve_size", out _);

    /// <summary>Calls an operation.</summary>
    /// <param name="operation">Its name with its namespace, such as <c>aten::mul</c>.</param>
    /// <param name="overload">Its overload's; empty for the only one.</param>
    /// <param name="results">How many tensors it gives.</param>
    /// <param name="arguments">As its schema has them: libtorch does not compare the two, and a wrong kind of argument is read as garbage.</param>
    /// <returns>The tensors, in the current scope.</returns>
    /// <exception cref="ExternalException">libtorch refused: it writes its reason to the standard error stream.</exception>
    public static Tensor[] Invoke(string operation, string overload, int results, params ReadOnlySpan<LibtorchValue> arguments)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Math.Max(arguments.Length, results), Slots);
        ulong* stack = stackalloc ulong[Slots];
        new Span<ulong>(stack, Slots).Clear();
        for (int i = 0; i < arguments.Length; i++)
            stack[i] = arguments[i].ToSlot();
        int error = CallDispatcher(operation, overload, stack);
        if (error != 0)
        {
            throw new ExternalException(
                $"libtorch could not run {operation} (code {error}); it writes the reason to the standard error stream. Out of memory, or not made for these " +
                "tensors, as a rule.");
        }
        Tensor[] tensors = new Tensor[results];
        for (int i = 0; i < results; i++)
            tensors[i] = Tensor.UnsafeCreateTensor((nint)stack[i]);
        return tensors;
    }

    [LibraryImport("torch_cpu", EntryPoint = "aoti_torch_new_tensor_handle")]
    internal static partial int NewTensorHandle(nint tensor, out nint handle);

    [LibraryImport("torch_cpu", EntryPoint = "torch_new_list_reserve_size")]
    internal static partial int NewList(nint size, out nint list);

    [LibraryImport("torch_cpu", EntryPoint = "torch_list_push_back")]
    internal static partial int PushBack(nint list, ulong slot);

    [LibraryImport("torch_cpu", EntryPoint = "aoti_torch_call_dispatcher", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CallDispatcher(string operation, string overload, ulong* stack);
}
