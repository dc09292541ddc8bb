using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.Training.Distributed.Nccl;

/// <summary>NVIDIA's library, called by function pointers.</summary>
internal sealed unsafe class NcclLibrary : INcclApi
{
    /// <summary>The environment variable that names the library's file.</summary>
    public const string Variable = "MINIMIND_NCCL_LIBRARY";

    private const string DefaultName = "libnccl.so.2";
    private const int Sum = 0;
    private const nint LegacyDefaultStream = 0;

    private readonly delegate* unmanaged[Cdecl]<NcclUniqueId*, int> _getUniqueId;
    private readonly delegate* unmanaged[Cdecl]<nint*, int, NcclUniqueId, int, int> _commInitRank;
    private readonly delegate* unmanaged[Cdecl]<nint, nint, nuint, NcclDataType, int, nint, nint, int> _allReduce;
    private readonly delegate* unmanaged[Cdecl]<nint, nint, nuint, NcclDataType, int, nint, nint, int> _broadcast;
    private readonly delegate* unmanaged[Cdecl]<int> _groupStart;
    private readonly delegate* unmanaged[Cdecl]<int> _groupEnd;
    private readonly delegate* unmanaged[Cdecl]<nint, int*, int> _commGetAsyncError;
    private readonly delegate* unmanaged[Cdecl]<nint, int> _commAbort;
    private readonly delegate* unmanaged[Cdecl]<nint, int> _commDestroy;
    private readonly delegate* unmanaged[Cdecl]<int, byte*> _getErrorString;

    private NcclLibrary(nint library)
    {
        void* Function(string name) => (void*)NativeLibrary.GetExport(library, name);

        _getUniqueId = (delegate* unmanaged[Cdecl]<NcclUniqueId*, int>)Function("ncclGetUniqueId");
        _commInitRank = (delegate* unmanaged[Cdecl]<nint*, int, NcclUniqueId, int, int>)Function("ncclCommInitRank");
        _allReduce = (delegate* unmanaged[Cdecl]<nint, nint, nuint, NcclDataType, int, nint, nint, int>)Function("ncclAllReduce");
        _broadcast = (delegate* unmanaged[Cdecl]<nint, nint, nuint, NcclDataType, int, nint, nint, int>)Function("ncclBroadcast");
        _groupStart = (delegate* unmanaged[Cdecl]<int>)Function("ncclGroupStart");
        _groupEnd = (delegate* unmanaged[Cdecl]<int>)Function("ncclGroupEnd");
        _commGetAsyncError = (delegate* unmanaged[Cdecl]<nint, int*, int>)Function("ncclCommGetAsyncError");
        _commAbort = (delegate* unmanaged[Cdecl]<nint, int>)Function("ncclCommAbort");
        _commDestroy = (delegate* unmanaged[Cdecl]<nint, int>)Function("ncclCommDestroy");
        _getErrorString = (delegate* unmanaged[Cdecl]<int, byte*>)Function("ncclGetErrorString");
    }

    /// <summary>Loads the library.</summary>
    /// <param name="chosen">Its file or name; null for the usual name.</param>
    /// <exception cref="DllNotFoundException">It cannot be loaded; the message says what to install.</exception>
    public static NcclLibrary Load(string? chosen)
    {
        string name = chosen ?? DefaultName;
        try
        {
            return new NcclLibrary(NativeLibrary.Load(name));
        }
        catch (Exception failure) when (failure is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
        {
            throw new DllNotFoundException(
                $"NCCL, which sums gradients between GPUs, could not be loaded from '{name}'. Install it (package libnccl2 of NVIDIA's CUDA repository, or " +
                    "the Python package nvidia-nccl-cu12) " +
                $"and have its folder in LD_LIBRARY_PATH, or name its file with {Variable}. Without it, MpiCommunicator sums through the CPU's memory. The " +
                    $"loader says: {failure.Message}", failure);
        }
    }

    public int GetUniqueId(out NcclUniqueId id)
    {
        fixed (NcclUniqueId* pointer = &id)
            return _getUniqueId(pointer);
    }

    public int CommInitRank(out nint communicator, int size, NcclUniqueId id, int rank)
    {
        fixed (nint* pointer = &communicator)
            return _commInitRank(pointer, size, id, rank);
    }

    public int AllReduce(nint buffer, nuint count, NcclDataType type, nint communicator) =>
        _allReduce(buffer, buffer, count, type, Sum, communicator, LegacyDefaultStream);

    public int Broadcast(nint buffer, nuint count, NcclDataType type, int root, nint communicator) =>
        _broadcast(buffer, buffer, count, type, root, communicator, LegacyDefaultStream);

    public int GroupStart() => _groupStart();

    public int GroupEnd() => _groupEnd();

    public int CommGetAsyncError(nint communicator, out int error)
    {
        fixed (int* pointer = &error)
            return _commGetAsyncError(communicator, pointer);
    }

    public int CommAbort(nint communicator) => _commAbort(communicator);

    public int CommDestroy(nint communicator) => _commDestroy(communicator);

    public string ErrorText(int code) => Marshal.PtrToStringUTF8((nint)_getErrorString(code)) ?? "unknown error";
}
