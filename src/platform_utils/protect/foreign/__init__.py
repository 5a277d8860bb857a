"""What others have published: tables without rows, read, attacked, protected, admitted and known."""
