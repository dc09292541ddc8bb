using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.Training.Distributed.Nccl;

/// <summary>The CUDA driver's part in summing between GPUs: the thread's device, and marks in its default stream.</summary>
/// <remarks>TorchSharp shows neither. libtorch uses the device's primary context, and so does this.</remarks>
internal sealed partial class CudaDriver : ICudaEvents
{
    private const string Library = "libcuda.so.1";
    private const int NotReady = 600;
    private const uint DisableTiming = 2;
    private const nint LegacyDefaultStream = 0;

    private readonly nint _context;

    /// <summary>Takes a device.</summary>
    /// <exception cref="DllNotFoundException">The machine has no NVIDIA driver.</exception>
    /// <exception cref="CommunicationException">The driver has no such device.</exception>
    public CudaDriver(int device)
    {
        try
        {
            Check(Initialize(0), "cuInit");
        }
        catch (DllNotFoundException failure)
        {
            throw new DllNotFoundException(
                $"The NVIDIA driver's library, {Library}, could not be loaded: NcclCommunicator needs an NVIDIA GPU and its driver. {failure.Message}",
                failure);
        }
        Check(GetDevice(out int handle, device), $"cuDeviceGet({device})");
        Check(RetainContext(out _context, handle), "cuDevicePrimaryCtxRetain");
    }

    public void UseDevice() => Check(SetContext(_context), "cuCtxSetCurrent");

    public nint Record()
    {
        Check(CreateEvent(out nint mark, DisableTiming), "cuEventCreate");
        Check(RecordEvent(mark, LegacyDefaultStream), "cuEventRecord");
        return mark;
    }

    public bool IsReached(nint mark)
    {
        int code = QueryEvent(mark);
        if (code != NotReady)
            Check(code, "cuEventQuery");
        return code == 0;
    }

    public void Release(nint mark) => Check(DestroyEvent(mark), "cuEventDestroy");

    private static void Check(int code, string function)
    {
        if (code == 0)
            return;
        string name = ErrorName(code, out nint text) == 0 ? Marshal.PtrToStringUTF8(text) ?? "unknown" : "unknown";
        throw new CommunicationException($"{function} of the CUDA driver failed with code {code} ({name}).");
    }

    [LibraryImport(Library, EntryPoint = "cuInit")]
    private static partial int Initialize(uint flags);

    [LibraryImport(Library, EntryPoint = "cuDeviceGet")]
    private static partial int GetDevice(out int device, int ordinal);

    [LibraryImport(Library, EntryPoint = "cuDevicePrimaryCtxRetain")]
    private static partial int RetainContext(out nint context, int device);

    [LibraryImport(Library, EntryPoint = "cuCtxSetCurrent")]
    private static partial int SetContext(nint context);

    [LibraryImport(Library, EntryPoint = "cuEventCreate")]
    private static partial int CreateEvent(out nint mark, uint flags);

    [LibraryImport(Library, EntryPoint = "cuEventRecord")]
    private static partial int RecordEvent(nint mark, nint stream);

    [LibraryImport(Library, EntryPoint = "cuEventQuery")]
    private static partial int QueryEvent(nint mark);

    [LibraryImport(Library, EntryPoint = "cuEventDestroy_v2")]
    private static partial int DestroyEvent(nint mark);

    [LibraryImport(Library, EntryPoint = "cuGetErrorName")]
    private static partial int ErrorName(int code, out nint text);
}
