using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>Where the memory of libtorch's tensors comes from on the CPU: while a run wants it, large ones from blocks that the library keeps.</summary>
/// <remarks>
/// The steps of a run free and ask for the same few hundred blocks, in sizes that vary with the rows. In glibc's heap that leaves gaps, and before glibc 2.38
/// an aligned block that was freed does not serve the next request for the same size: the process grows for as long as the run lasts.
/// So libtorch gets an allocator (<c>c10::SetCPUAllocator</c>) that differs from its own in blocks of <see cref="Smallest"/> bytes and more. Each block knows
/// by whom it is freed, so that tensors may outlive the run, and what others have allocated is freed as before. On Linux with x86-64 and the libtorch that this
/// library is built for; elsewhere nothing changes.
/// </remarks>
internal static unsafe class KeptBlocks
{
    /// <summary>Bytes from which blocks are kept.</summary>
    public const int Smallest = 64 << 10;

    // slots of libtorch's class: offset, type, two destructors, allocate, is_simple_data_ptr, raw_deleter, copy_data
    private const int Slots = 8, Functions = 2, AllocateSlot = 4, DeleterSlot = 6;

    private static readonly BlockPool s_pool = new(SystemMemory.Map, SystemMemory.Unmap);
    private static readonly Lazy<Switch?> s_switch = new(Create);
    private static delegate* unmanaged[Cdecl]<nint, void> s_giveOther; // frees what is libtorch's own

    /// <summary>Whether this process's libtorch can be given blocks.</summary>
    public static bool Available => s_switch.Value is not null;

    /// <summary>Bytes that the library holds for tensors now, those in use included.</summary>
    internal static long Held => (long)s_pool.Held;

    /// <summary>Has large tensors take blocks that are kept, until the result is disposed; several may want it at once.</summary>
    public static IDisposable? Keep() => s_switch.Value?.Wanted.Want(true);

    /// <summary>Gives blocks that no tensor uses back to the system.</summary>
    public static void Release() => s_pool.Release();

    private static Switch? Create()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64 || !TorchLibrary.Fits
            || !TorchLibrary.TryGetExport("_ZN3c1022GetDefaultCPUAllocatorEv", out nint getDefault)
            || !TorchLibrary.TryGetExport("_ZN3c1015GetCPUAllocatorEv", out nint get)
            || !TorchLibrary.TryGetExport("_ZN3c1015SetCPUAllocatorEPNS_9AllocatorEh", out nint set))
        {
            return null;
        }
        nint usual = ((delegate* unmanaged[Cdecl]<nint>)getDefault)();
        if (usual != ((delegate* unmanaged[Cdecl]<nint>)get)())
            return null; // somebody else has one
        nint own = Derive(usual);
        return own == 0 ? null : new Switch(own, usual, set);
    }

    /// <summary>An allocator like libtorch's own but for large blocks; it is never freed, since tensors know it.</summary>
    private static nint Derive(nint usual)
    {
        nint* table = *(nint**)usual - Functions;
        byte* ended = (byte*)NativeMemory.AllocZeroed(1);
        s_giveOther = (delegate* unmanaged[Cdecl]<nint, void>)((delegate* unmanaged[Cdecl]<nint, nint>)table[DeleterSlot])(usual);
        nint give = SystemMemory.MapCode(AllocatorCode.Delete((nint)ended, (nint)(delegate* unmanaged[Cdecl]<nint, void>)&Give));
        nint deleter = SystemMemory.MapCode(AllocatorCode.Return(give));
        nint allocate = SystemMemory.MapCode(AllocatorCode.Allocate(
            Smallest, (nint)ended, (nint)(delegate* unmanaged[Cdecl]<nuint, nint>)&Take, give, usual, table[AllocateSlot]));
        if (give == 0 || deleter == 0 || allocate == 0)
            return 0;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => *ended = 1; // libtorch's static objects are destroyed after managed code has ended

        nint* ownTable = (nint*)NativeMemory.Alloc(Slots, (nuint)sizeof(nint));
        new ReadOnlySpan<nint>(table, Slots).CopyTo(new Span<nint>(ownTable, Slots));
        ownTable[AllocateSlot] = allocate;
        ownTable[DeleterSlot] = deleter;
        nint* own = (nint*)NativeMemory.Alloc((nuint)sizeof(nint));
        *own = (nint)(ownTable + Functions);
        return (nint)own;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Take(nuint bytes)
    {
        try
        {
            return s_pool.Take(bytes);
        }
        catch (OutOfMemoryException)
        {
            return 0; // libtorch's own allocator says so
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Give(nint address)
    {
        if (!s_pool.Give(address))
            s_giveOther(address);
    }

    /// <summary>Puts one allocator or the other in place.</summary>
    private sealed class Switch(nint own, nint usual, nint set)
    {
        public ProcessSetting<bool> Wanted => field ??= new(() => false, keep =>
        {
            s_pool.Keep(keep);
            ((delegate* unmanaged[Cdecl]<nint, byte, void>)set)(keep ? own : usual, 0);
        }, wanted => wanted[^1]);
    }
}
