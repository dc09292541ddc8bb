using System.Buffers.Binary;

namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>The few instructions that stand between libtorch's virtual calls for memory and managed functions: x86-64, System V calling convention.</summary>
/// <remarks>
/// libtorch tells a shortage of memory by a C++ exception, which must not pass a managed function. So its own allocator is jumped to, never called: where the
/// block is small, and where the managed function, which has returned by then, found no memory.
/// </remarks>
internal static class AllocatorCode
{
    /// <summary>Code of <c>DataPtr Allocator::allocate(size_t)</c>: result in rdi, this in rsi, bytes in rdx.</summary>
    /// <param name="smallest">Bytes from which the managed function is asked; fewer than 2^31.</param>
    /// <param name="ended">Address of a byte that is not 0 once managed code may no longer be called.</param>
    /// <param name="take">The managed function: bytes to an address, or 0.</param>
    /// <param name="give">The function that frees the address.</param>
    /// <param name="allocator">libtorch's own allocator.</param>
    /// <param name="allocate">Its <c>allocate</c>.</param>
    public static byte[] Allocate(int smallest, nint ended, nint take, nint give, nint allocator, nint allocate)
    {
        byte[] fallBack = [0x48, 0xBE, .. Word(allocator), .. JumpTo(allocate)]; // mov rsi, allocator
        byte[] fill =
        [
            0x48, 0x89, 0x07, // mov [rdi], rax: the data
            0x48, 0x89, 0x47, 0x10, // mov [rdi + 16], rax: what the deleter gets
            0x48, 0xB9, .. Word(give), 0x48, 0x89, 0x4F, 0x08, // mov rcx, give; mov [rdi + 8], rcx: the deleter
            0x66, 0xC7, 0x47, 0x18, 0x00, 0xFF, // mov word [rdi + 24], ff00h: the CPU, without an index
            0x48, 0x89, 0xF8, 0xC3, // mov rax, rdi; ret
        ];
        byte[] call =
        [
            0x57, 0x56, 0x52, 0x48, 0x89, 0xD7, // push rdi, rsi, rdx; mov rdi, rdx
            0x48, 0xB8, .. Word(take), 0xFF, 0xD0, // mov rax, take; call rax
            0x5A, 0x5E, 0x5F, 0x48, 0x85, 0xC0, // pop rdx, rsi, rdi; test rax, rax
            0x74, (byte)fill.Length, // je to the fallback
        ];
        byte[] guard = [.. IsEnded(ended), 0x75, (byte)(call.Length + fill.Length)]; // jne to the fallback
        return
        [
            0x48, 0x81, 0xFA, .. Half(smallest), 0x72, (byte)(guard.Length + call.Length + fill.Length), // cmp rdx, smallest; jb to the fallback
            .. guard, .. call, .. fill, .. fallBack,
        ];
    }

    /// <summary>Code of a deleter, <c>void (*)(void*)</c>: a managed function, and nothing once that may not be called.</summary>
    public static byte[] Delete(nint ended, nint give)
    {
        byte[] jump = JumpTo(give);
        return [.. IsEnded(ended), 0x75, (byte)jump.Length, .. jump, 0xC3]; // jne to ret
    }

    /// <summary>Code of <c>DeleterFnPtr Allocator::raw_deleter() const</c>.</summary>
    public static byte[] Return(nint value) => [0x48, 0xB8, .. Word(value), 0xC3]; // mov rax, value; ret

    private static byte[] IsEnded(nint ended) => [0x48, 0xB8, .. Word(ended), 0x80, 0x38, 0x00]; // mov rax, ended; cmp byte [rax], 0

    private static byte[] JumpTo(nint address) => [0x48, 0xB8, .. Word(address), 0xFF, 0xE0]; // mov rax, address; jmp rax

    private static byte[] Word(nint value)
    {
        byte[] bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] Half(int value)
    {
        byte[] bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }
}
