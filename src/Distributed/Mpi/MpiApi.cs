using System.Runtime.InteropServices;
using System.Text;

namespace MiniMind.MLNet.Dpo.Training.Distributed.Mpi;

/// <summary>The functions of a loaded MPI library; all of them are called by one thread.</summary>
internal sealed unsafe class MpiApi
{
    private const int ThreadFunneled = 1;

    // MPICH asks for 8192 characters, the others for less
    private const int TextSize = 8192;

    // struct MPI_Status has 20 to 24 bytes
    private const int StatusSize = 64;

    private readonly delegate* unmanaged[Cdecl]<int*, void*, int, int*, int> _initThread;
    private readonly delegate* unmanaged[Cdecl]<int*, int> _initialized;
    private readonly delegate* unmanaged[Cdecl]<int> _finalize;
    private readonly delegate* unmanaged[Cdecl]<nint, int, int> _abort;
    private readonly delegate* unmanaged[Cdecl]<nint, int*, int> _rank;
    private readonly delegate* unmanaged[Cdecl]<nint, int*, int> _size;
    private readonly delegate* unmanaged[Cdecl]<nint, nint, int> _setErrorHandler;
    private readonly delegate* unmanaged[Cdecl]<int, byte*, int*, int> _errorString;
    private readonly delegate* unmanaged[Cdecl]<byte*, int*, int> _version;
    private readonly delegate* unmanaged[Cdecl]<nint, nint*, int> _barrier;
    private readonly delegate* unmanaged[Cdecl]<nint, void*, int, nint, nint, nint, nint*, int> _allReduce;
    private readonly delegate* unmanaged[Cdecl]<void*, int, nint, int, nint, nint*, int> _broadcast;
    private readonly delegate* unmanaged[Cdecl]<void*, int, nint, void*, int*, int*, nint, nint, nint*, int> _allGather;
    private readonly delegate* unmanaged[Cdecl]<nint*, int*, void*, int> _test;
    private readonly delegate* unmanaged[Cdecl]<int, int, nint, int*, void*, int> _probe;

    /// <summary>Looks the functions up.</summary>
    /// <exception cref="EntryPointNotFoundException">The library lacks one (it is older than MPI 3).</exception>
    public MpiApi(MpiLibrary library)
    {
        void* Function(string name) => (void*)NativeLibrary.GetExport(library.Handle, name);

        Handles = library.Family == MpiFamily.OpenMpi ? MpiHandles.OpenMpi(library.Handle) : MpiHandles.Mpich;
        _initThread = (delegate* unmanaged[Cdecl]<int*, void*, int, int*, int>)Function("MPI_Init_thread");
        _initialized = (delegate* unmanaged[Cdecl]<int*, int>)Function("MPI_Initialized");
        _finalize = (delegate* unmanaged[Cdecl]<int>)Function("MPI_Finalize");
        _abort = (delegate* unmanaged[Cdecl]<nint, int, int>)Function("MPI_Abort");
        _rank = (delegate* unmanaged[Cdecl]<nint, int*, int>)Function("MPI_Comm_rank");
        _size = (delegate* unmanaged[Cdecl]<nint, int*, int>)Function("MPI_Comm_size");
        _setErrorHandler = (delegate* unmanaged[Cdecl]<nint, nint, int>)Function("MPI_Comm_set_errhandler");
        _errorString = (delegate* unmanaged[Cdecl]<int, byte*, int*, int>)Function("MPI_Error_string");
        _version = (delegate* unmanaged[Cdecl]<byte*, int*, int>)Function("MPI_Get_library_version");
        _barrier = (delegate* unmanaged[Cdecl]<nint, nint*, int>)Function("MPI_Ibarrier");
        _allReduce = (delegate* unmanaged[Cdecl]<nint, void*, int, nint, nint, nint, nint*, int>)Function("MPI_Iallreduce");
        _broadcast = (delegate* unmanaged[Cdecl]<void*, int, nint, int, nint, nint*, int>)Function("MPI_Ibcast");
        _allGather = (delegate* unmanaged[Cdecl]<void*, int, nint, void*, int*, int*, nint, nint, nint*, int>)Function("MPI_Iallgatherv");
        _test = (delegate* unmanaged[Cdecl]<nint*, int*, void*, int>)Function("MPI_Test");
        _probe = (delegate* unmanaged[Cdecl]<int, int, nint, int*, void*, int>)Function("MPI_Iprobe");
    }

    /// <summary>The library's predefined objects.</summary>
    public MpiHandles Handles { get; }

    /// <summary>The library's own name and version, in one line.</summary>
    public string Version
    {
        get
        {
            byte* text = stackalloc byte[TextSize];
            int length;
            Check(_version(text, &length), "MPI_Get_library_version");
            return string.Join(' ', Encoding.UTF8.GetString(text, length).TrimEnd('\0').Split('\n')[0]
                .Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries));
        }
    }

    /// <summary>Joins the run; only one thread, the caller, may use the library from here on.</summary>
    public void Start(out int rank, out int size)
    {
        int started, provided, foundRank, foundSize;
        Check(_initialized(&started), "MPI_Initialized");
        if (started != 0)
        {
            throw new InvalidOperationException(
                "MPI was started in this process before, and it starts once per process: keep one MpiCommunicator for the whole run.");
        }

        Check(_initThread(null, null, ThreadFunneled, &provided), "MPI_Init_thread");
        if (provided < ThreadFunneled)
        {
            throw new CommunicationException(
                $"{Version} was built without support for processes with several threads (it offers level {provided}, MPI_THREAD_FUNNELED is " +
                $"{ThreadFunneled}).");
        }

        Check(_setErrorHandler(Handles.World, Handles.ErrorsReturn), "MPI_Comm_set_errhandler");
        Check(_rank(Handles.World, &foundRank), "MPI_Comm_rank");
        Check(_size(Handles.World, &foundSize), "MPI_Comm_size");
        (rank, size) = (foundRank, foundSize);
    }

    /// <summary>Leaves the run; all ranks call it.</summary>
    public void Stop() => Check(_finalize(), "MPI_Finalize");

    /// <summary>Ends all ranks; as a rule this does not return.</summary>
    public void Abort(int code) => _abort(Handles.World, code);

    public void BeginBarrier(nint* request) => Check(_barrier(Handles.World, request), "MPI_Ibarrier");

    /// <summary>
    /// Sums a buffer by way of a copy: where source and target are the same, Open MPI takes an algorithm that sends the whole buffer 2 log2(ranks) times.
    /// </summary>
    public void BeginSum(float* buffer, int count, nint scratch, nint* request)
    {
        NativeMemory.Copy(buffer, (void*)scratch, (nuint)count * sizeof(float));
        Check(_allReduce(scratch, buffer, count, Handles.Float, Handles.Sum, Handles.World, request), "MPI_Iallreduce");
    }

    public void BeginAllReduce(void* buffer, int count, nint type, nint operation, nint* request) =>
        Check(_allReduce(Handles.InPlace, buffer, count, type, operation, Handles.World, request), "MPI_Iallreduce");

    public void BeginBroadcast(void* buffer, int count, int root, nint* request) =>
        Check(_broadcast(buffer, count, Handles.Byte, root, Handles.World, request), "MPI_Ibcast");

    public void BeginAllGather(void* block, int count, void* blocks, int* counts, int* offsets, nint* request) =>
        Check(_allGather(block, count, Handles.Byte, blocks, counts, offsets, Handles.Byte, Handles.World, request), "MPI_Iallgatherv");

    /// <summary>Moves communication on and says whether this request is done.</summary>
    public bool Test(nint* request)
    {
        byte* status = stackalloc byte[StatusSize];
        int done;
        Check(_test(request, &done, status), "MPI_Test");
        return done != 0;
    }

    /// <summary>Moves communication on where no request is open: what a finished collective still owes to others goes out.</summary>
    public void Progress()
    {
        const int anyTag = -1;
        byte* status = stackalloc byte[StatusSize];
        int found;
        Check(_probe(Handles.AnySource, anyTag, Handles.World, &found, status), "MPI_Iprobe");
    }

    private void Check(int code, string function)
    {
        if (code == 0)
            return;
        byte* text = stackalloc byte[TextSize];
        int length;
        string reason = _errorString(code, text, &length) == 0 ? Encoding.UTF8.GetString(text, length).TrimEnd('\0') : "unknown error";
        throw new CommunicationException($"{function} failed with code {code}: {reason}");
    }
}
