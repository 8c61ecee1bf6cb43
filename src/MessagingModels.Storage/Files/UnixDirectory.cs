using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace MessagingModels.Storage.Files;

/// <summary>
/// Flushes a directory's entries on Unix. .NET refuses to open a directory as a file, so the descriptor comes from open(2).
/// </summary>
internal static class UnixDirectory
{
    private const int ReadOnly = 0;

    public static void Flush(string path)
    {
        byte[] name = new byte[Encoding.UTF8.GetByteCount(path) + 1];
        Encoding.UTF8.GetBytes(path, name);
        using SafeFileHandle directory = Open(name, ReadOnly);
        if (directory.IsInvalid)
            throw new IOException($"Cannot open the directory '{path}' to flush it: {Marshal.GetLastPInvokeErrorMessage()}.");
        if (Synchronize(directory) != 0)
            throw new IOException($"Cannot flush the directory '{path}': {Marshal.GetLastPInvokeErrorMessage()}.");
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern SafeFileHandle Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Synchronize(SafeFileHandle descriptor);
}
